"""Reads pages the way a visitor does: where their links lead, and what their forms would send."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

TYPED = "a few plain words"
RATHER_NOT = "__prefer_not"
"""How boxes end that say that somebody would rather not answer: ticking them contradicts an answer."""
DAY_TO_COME = "2026-11-25"
FILLING = {
    "email": "somebody.new@post.example",
    "password": "nine patient otters by the river",
    "date": DAY_TO_COME,
    "number": "1",
    "time": "18:00",
    "tel": "020 7946 0000",
}


@dataclass
class Form:
    """One form of a page: where it goes, what it holds, and the buttons that send it."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)
    """Names of the fields that somebody types into."""
    choices: dict[str, list[str]] = field(default_factory=dict)
    """Values that radio buttons, boxes and lists offer, by name."""
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def filled(self, words: str = TYPED, *, button: int = 0) -> dict[str, list[str]]:
        """Return what is sent when every empty field is filled and one of the buttons is pressed."""
        sent = {name: list(values) for name, values in self.fields.items()}
        for name in self.texts:
            if not any(sent.get(name, [])):
                sent[name] = [words]
        for name, values in self.choices.items():
            if values and not any(sent.get(name, [])) and not name.endswith(RATHER_NOT):
                sent[name] = [next((value for value in values if value), "")]
        for name, value in self.buttons[button : button + 1]:
            sent[name] = [value]
        return sent


@dataclass
class Page:
    """What a page leads to."""

    links: set[str] = field(default_factory=set)
    forms: list[Form] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__(convert_charrefs=True)
        self._path = path
        self._text: tuple[str, list[str]] | None = None
        self._list: str | None = None
        self.page = Page()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        for name in ("href", "src", "hx-get", "data"):
            if name in given:
                self._link(given[name])
        if "hx-post" in given:
            self.page.forms.append(Form(self._here(given["hx-post"]), "post"))
        if tag == "form":
            action, method = self._here(given.get("action", "")), given.get("method", "get").lower()
            self.page.forms.append(Form(action, method))
        elif self.page.forms and tag in {"input", "textarea", "select", "option", "button"}:
            self._field(tag, given)

    def handle_data(self, text: str) -> None:
        if self._text is not None:
            self._text[1].append(text)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._text is not None:
            name, parts = self._text
            self._form.fields[name] = ["".join(parts).removeprefix("\r").removeprefix("\n")]
            self._text = None
        if tag == "select":
            self._list = None

    @property
    def _form(self) -> Form:
        return next(form for form in reversed(self.page.forms))

    def _here(self, address: str) -> str:
        found = urlsplit(urljoin(self._path, address or self._path))
        return f"{found.path}?{found.query}" if found.query else found.path

    def _link(self, address: str) -> None:
        found = urlsplit(urljoin(f"http://localhost{self._path}", address))
        if found.scheme in {"http", "https"} and found.hostname == "localhost":
            self.page.links.add(f"{found.path}?{found.query}" if found.query else found.path)

    def _field(self, tag: str, given: dict[str, str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        form = self._form
        if tag == "option" and self._list:
            form.choices[self._list].append(value)
            if "selected" in given:
                form.fields[self._list] = [value]
        if not name or "disabled" in given:
            return
        if tag == "textarea":
            form.texts.add(name)
            self._text = (name, [])
        elif tag == "select":
            self._list = name
            form.choices.setdefault(name, [])
        elif tag == "button" or given.get("type") == "submit":
            form.buttons.append((name, value))
        elif tag == "input":
            self._input(name, value, given)

    def _input(self, name: str, value: str, given: dict[str, str]) -> None:
        form, kind = self._form, given.get("type", "text")
        if kind in {"radio", "checkbox"}:
            form.choices.setdefault(name, []).append(value or "on")
            if "checked" in given:
                form.fields.setdefault(name, []).append(value or "on")
        elif kind == "hidden":
            form.fields.setdefault(name, []).append(value)
        else:
            form.fields[name] = [value or FILLING.get(kind, "")]
            form.texts.add(name)


def read(path: str, html: str) -> Page:
    """Return what a page at a path leads to; addresses are paths of this site."""
    reader = _Reader(path)
    reader.feed(html)
    return reader.page
