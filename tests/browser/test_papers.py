"""Files, letters, the print of a case, search: in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browsers import faults, photograph
from tests.cases.helpers import open_case

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_file_goes_in_and_comes_back_as_a_download(cast, signed_in, scripts):
    cast.intake()
    case = open_case(cast)
    page = signed_in("ana", java_script_enabled=scripts)
    page.goto(f"/cases/{case}/files")
    page.get_by_label("What it is").fill("Letter to the employer")
    page.get_by_role("button", name="Add the file").click()
    expect(page.locator(".govuk-error-message")).to_have_count(2)
    expect(page.get_by_label("What it is")).to_have_value("Letter to the employer")
    page.get_by_label("There are no intimate images").check()
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "pismo ć.txt", "mimeType": "text/plain", "buffer": "Поштовани".encode()}
    )
    photograph(page, f"files-form-{scripts}")
    page.get_by_role("button", name="Add the file").click()
    expect(page.locator("#messages")).to_contain_text("The file was added")
    expect(page.get_by_role("main")).to_contain_text("Letter to the employer")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download pismo ć.txt").click()
    assert download.value.suggested_filename == "pismo ć.txt"
    assert download.value.path().read_text() == "Поштовани"
    page.get_by_role("link", name="Take out pismo ć.txt").click()
    page.get_by_label("It was the wrong file").check()
    page.get_by_role("button", name="Take the file out").click()
    expect(page.get_by_role("main")).to_contain_text("It was the wrong file")
    assert not scripts or faults(page, but="status of 422") == []


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_letter_a_print_and_a_search(cast, signed_in, scripts):
    """By keyboard into the field of every page, words that are marked, and paper with her name on it."""
    cast.intake()
    case = open_case(cast)
    page = signed_in("ana", java_script_enabled=scripts)
    page.get_by_label("Code of a case or request").fill(case.lower().replace("-", ""))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{case}")
    page.goto(f"/cases/{case}/files")
    page.get_by_role("link", name="Write a letter").click()
    page.get_by_label("Language", exact=True).select_option(label="English")
    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_role("link", name="To an employer").click()
    page.get_by_label("Text").fill("Half a letter.")
    page.get_by_label("Language of the letter").select_option(label="Albanian")
    page.get_by_role("button", name="Change the language").click()
    expect(page.get_by_label("Text")).to_contain_text("falsifikuar")
    expect(page.get_by_role("main")).to_contain_text("Half a letter.")
    photograph(page, f"letter-{scripts}")
    expect(page.get_by_label("Text")).to_contain_text("Ana")
    page.get_by_label("Text").fill("Ђорђе answers on Monday.")
    page.get_by_role("button", name="Save as a note").click()
    expect(page.locator("#messages")).to_contain_text("The note was saved")
    page.goto("/search")
    page.get_by_role("textbox", name="Words in my open cases").fill("djordje MONDAY")
    page.get_by_role("main").get_by_role("button", name="Search", exact=True).click()
    expect(page.locator("mark")).to_have_text(["Ђорђе", "Monday"])
    expect(page.get_by_role("status")).to_contain_text("1 of 1 cases looked through")
    assert "djordje" not in page.url
    assert not scripts or faults(page) == []
    photograph(page, "search-found")
    page.goto(f"/cases/{case}/print")
    page.get_by_label("Ђорђе").check()
    page.get_by_role("button", name="Show the page to print").click()
    expect(page.get_by_role("main")).to_contain_text("Printed by Ana on")
    page.emulate_media(media="print")
    photograph(page, "case-print")
