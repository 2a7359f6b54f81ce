"""Counts what a person does on a page: actions, and the seconds that they take her.

Seconds follow the keystroke-level model (Card, Moran, Newell: The Psychology of Human-Computer Interaction, 1983): a key
of an average typist 0.28 s, pointing with a mouse 1.1 s, a click 0.2 s, hands from keys to mouse 0.4 s, thinking before a
step 1.35 s. What the server takes is measured and added. What she listens to or says on the phone is not in it.
"""

import time

from playwright.sync_api import Locator, Page

KEY, POINT, CLICK, HOME, THINK = 0.28, 1.1, 0.2, 0.4, 1.35


class Effort:
    """One person at one page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.actions = 0
        self.seconds = 0.0

    def click(self, target: Locator) -> None:
        """Find something with the mouse and click it: one action."""
        self.actions += 1
        self.seconds += THINK + HOME + POINT + CLICK
        self._timed(target.click)

    def choose(self, target: Locator, label: str) -> None:
        """Choose a line of a list: one action."""
        self.actions += 1
        self.seconds += THINK + HOME + 2 * (POINT + CLICK)
        self._timed(lambda: target.select_option(label=label))

    def write(self, target: Locator, text: str) -> None:
        """Click into a field and type: one action."""
        self.actions += 1
        self.seconds += THINK + HOME + POINT + CLICK + KEY * len(text)
        target.fill(text)

    def press(self, *keys: str) -> None:
        """Press keys one after the other, such as Tab, Space, Control+Enter; one action together."""
        self.actions += 1
        for key in keys:
            self.seconds += KEY * len(key.split("+"))
            self._timed(lambda pressed=key: self.page.keyboard.press(pressed))

    def type(self, text: str) -> None:
        """Type into the field that has the focus: one action."""
        self.actions += 1
        self.seconds += THINK + KEY * len(text)
        self.page.keyboard.type(text)

    def _timed(self, act) -> None:
        begun = time.monotonic()
        act()
        self.page.wait_for_load_state()
        self.seconds += time.monotonic() - begun
