"""What a page is asked in a browser: can everybody use it, does it fit, is a way left without scripts."""

from axe_playwright_python.sync_playwright import Axe

_AXE = Axe().axe_script
_ALL = {"resultTypes": ["violations"], "preload": False}
_COLOURS = {**_ALL, "runOnly": {"type": "rule", "values": ["color-contrast"]}}
_RUN = """(options) => axe.run(options).then(({violations}) =>
  violations.map(({id, nodes}) => `${id}: ${nodes[0].html.slice(0, 120)}`))"""

_BEYOND = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("body *")]
    .filter((part) => part.getBoundingClientRect().right > innerWidth + 1 && !part.closest(".table-wrap"))
    .map((part) => part.outerHTML.slice(0, 90)).concat("wider than the screen").slice(0, 4)"""

# A passkey needs scripts by its nature, and its form has nothing else in it.
_FORMS = """() => [...document.forms]
  .filter((form) => !form.matches("#mfa_login, :has([name=credential])"))
  .filter((form) => ![...form.elements].some((part) =>
    part.type === "submit" && getComputedStyle(part).display !== "none"))
  .map((form) => form.outerHTML.slice(0, 90))"""

# Each control by what it is called; those that lie in something closed come with its opening.
_CONTROLS = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
  .filter((part) => part.checkVisibility({visibilityProperty: true}) && !part.disabled && part.type !== "hidden")
  .map(name)"""
_NAME = """const name = (part) => (part.getAttribute("aria-label") || part.id || part.textContent.trim().replace(/\\s+/g, " ")).slice(0, 60);"""
_HERE = """() => {
  const here = document.activeElement, style = getComputedStyle(here);
  const isSeen = here.matches(":focus-visible") && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
    || here.matches(":focus-visible") && (style.boxShadow !== "none" || here.matches(".bar"));
  return here === document.body ? null : [name(here), isSeen];
}"""


def barriers(page):
    """What axe finds by day, and of colours by night; what a page must have besides."""
    page.evaluate(_AXE)
    page.emulate_media(color_scheme="light")
    found = page.evaluate(_RUN, _ALL)
    page.emulate_media(color_scheme="dark")
    return [*found, *page.evaluate(_RUN, _COLOURS), *_frame(page)]


def _frame(page):
    headings = page.locator("h1").count()
    return [f"{headings} first headings"] if headings != 1 else []


def beyond_the_screen(page):
    return page.evaluate(_BEYOND)


def forms_without_a_button(page):
    return page.evaluate(_FORMS)


def controls(page):
    return page.evaluate(_with_name(_CONTROLS))


def tab_through(page, *, most):
    """The names of what is reached from the top, and of what shows no mark when it is reached."""
    reached, unseen = [], []
    for _ in range(most):
        page.keyboard.press("Tab")
        here = page.evaluate(_with_name(_HERE))
        if here is None:
            break
        reached.append(here[0])
        if not here[1]:
            unseen.append(here[0])
    return reached, unseen


def _with_name(function):
    return "() => { " + _NAME + " return (" + function + ")(); }"
