"""What a person reads on a page: its texts and the attributes that are read out, without what is not language."""

from html.parser import HTMLParser

READ_OUT = ("aria-label", "title", "placeholder", "alt", "data-label", "data-not-saved", "data-no-connection")
SILENT = {"script", "style"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.language = ""
        self._open: list[tuple[str, bool]] = []  # element, and whether its texts are left out

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "html":
            self.language = given["lang"]
        foreign = given.get("lang", self.language) != self.language or given.get("translate") == "no"
        if tag not in VOID:
            self._open.append((tag, foreign or tag in SILENT))
        if not foreign:
            self.texts += [given[name] for name in READ_OUT if given.get(name)]

    def handle_endtag(self, tag):
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if not any(left_out for _tag, left_out in self._open):
            self.texts.append(" ".join(data.split()))


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.texts = [text for text in reader.texts if text]
    return reader
