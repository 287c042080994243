// What HTML and htmx do not reach: copying, small menus, focus after a swap, and saying so when
// the portal does not answer. Every page works without it.
(() => {
  "use strict";

  const say = (text) => {
    const notices = document.getElementById("notices");
    if (!notices) return;
    if (notices.firstElementChild?.dataset.trouble === text) return;
    const notice = document.createElement("p");
    notice.dataset.trouble = text;
    notice.className = "notice notice--bad";
    notice.textContent = text;
    notices.replaceChildren(notice);
  };

  // What changed, for those who hear the page: `data-tells` of a part that was swapped in.
  const voice = document.createElement("p");
  voice.className = "unseen";
  voice.setAttribute("role", "status");
  document.body.append(voice);
  const tell = (text) => {
    if (voice.textContent === text) return;
    voice.textContent = "";
    setTimeout(() => (voice.textContent = text), 100);
  };
  document.addEventListener("htmx:afterSettle", ({ target }) => {
    if (target.dataset?.tells) tell(target.dataset.tells);
  });

  // Copy: <button data-copy="the text">
  const copy = async (button) => {
    const label = (button.dataset.label ??= button.textContent);
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Copied";
    } catch {
      const value = button.parentElement.querySelector(".copy__value");
      if (value) getSelection().selectAllChildren(value);
      button.textContent = "Selected";
    }
    tell(button.textContent);
    setTimeout(() => {
      button.textContent = label;
      voice.textContent = "";
    }, 1600);
  };

  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll(".more[open]")) {
      if (!menu.contains(except)) menu.open = false;
    }
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
    closeMenus(event.target);
  });

  // Whoever opens the form that adds a member goes on typing.
  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (!target.matches(".add[open]") || document.activeElement !== target.firstElementChild) return;
      target.querySelector("input:not([type=hidden])").focus();
    },
    true,
  );

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.activeElement?.closest(".more[open]");
    closeMenus(null);
    menu?.querySelector("summary").focus();
  });

  // Addresses stay short: a search sends only what is asked.
  document.addEventListener("htmx:configRequest", (event) => {
    const { verb, parameters } = event.detail;
    if (verb !== "get") return;
    for (const name of Object.keys(parameters)) {
      if (parameters[name] === "") delete parameters[name];
    }
  });

  // A page that refreshes itself waits while somebody is using what it would replace.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const part = event.detail.elt;
    if (!part.matches("[data-refreshes]")) return;
    const selection = getSelection();
    const isInUse =
      document.hidden ||
      part.querySelector(".more[open], [data-keeps][open], input:checked") ||
      (part.contains(document.activeElement) && !document.activeElement.id) ||
      (!selection.isCollapsed && part.contains(selection.anchorNode));
    if (isInUse) event.preventDefault();
  });

  // Focus: back to the same element, else to its row, else to what was said, else to [data-focus].
  let lost = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, xhr } = event.detail;
    if (xhr.responseURL && new URL(xhr.responseURL).pathname.startsWith("/accounts/")) {
      event.detail.shouldSwap = false; // signed out meanwhile
      location.reload();
      return;
    }
    const active = document.activeElement;
    const kept = active.closest(".more")?.querySelector("summary") ?? active;
    lost = target.contains(active) ? { target: target.id, id: kept.id, row: active.closest("tr[id]")?.id } : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!lost) return;
    const part = document.getElementById(lost.target);
    const again =
      (lost.id && document.getElementById(lost.id)) ||
      (lost.row && document.getElementById(lost.row)?.querySelector("a, button")) ||
      part?.querySelector("[data-said]") ||
      part?.querySelector("[data-focus]") ||
      part;
    lost = null;
    if (again && again !== document.activeElement) again.focus();
  });

  // Trouble is said once, in words that fit what was asked, and taken back when it is over.
  const sayTrouble = (event) => {
    const { requestConfig, xhr } = event.detail;
    if (requestConfig?.verb === "get") {
      say("The portal did not answer just now. What you see may be old.");
    } else if (xhr?.status === 403) {
      say("This page is out of date. Nothing was saved; reload it and try again.");
    } else {
      say("The portal did not answer. Reload the page to see whether it was saved.");
    }
  };
  document.addEventListener("htmx:sendError", sayTrouble);
  document.addEventListener("htmx:responseError", sayTrouble);
  document.addEventListener("htmx:afterSwap", () => {
    document.querySelector("#notices > [data-trouble]")?.remove();
  });
})();
