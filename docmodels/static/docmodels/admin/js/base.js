// Behaviour of every page. It hangs on data attributes; pages work without it.
//   data-toggle="id"       a button that opens and closes the element (class "open", focus, Esc)
//   data-copy="text"       a button that copies the text
//   data-autosubmit        a form control that sends its form when it changes
//   data-select-all="name" a checkbox that ticks all checkboxes of the name
//   data-counter="name"    an element that shows how many of them are ticked
//   data-key="f"           a link or button that a key presses
"use strict";
{
  const TYPING = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";

  function setOpen(element, open) {
    element.classList.toggle("open", open);
    for (const button of document.querySelectorAll(`[data-toggle="${element.id}"]`)) {
      button.setAttribute("aria-expanded", open);
      if (!open && element.contains(document.activeElement)) button.focus();
    }
    if (!open) return;
    const first = element.querySelector("summary") ?? element.querySelector("input:not([type=hidden]), a, button");
    first?.focus({ preventScroll: true });
  }

  function closePopovers(except) {
    for (const pop of document.querySelectorAll("details.pop[open]")) {
      if (!pop.contains(except)) pop.open = false;
    }
  }

  document.addEventListener("click", (event) => {
    const toggle = event.target.closest("[data-toggle]");
    if (toggle) {
      const element = document.getElementById(toggle.dataset.toggle);
      setOpen(element, !element.classList.contains("open"));
      event.preventDefault();
    }
    const copy = event.target.closest("[data-copy]");
    if (copy && navigator.clipboard) {
      navigator.clipboard.writeText(copy.dataset.copy).then(() => {
        copy.classList.add("copied");
        setTimeout(() => copy.classList.remove("copied"), 1200);
      });
    }
    // On a phone the menu lies over the page; a tap beside it closes it.
    const menu = document.querySelector(".sidebar.open");
    if (menu && !toggle && !menu.contains(event.target)) setOpen(menu, false);
    closePopovers(event.target);
  });

  // A popover inside of a table that scrolls would be cut off: place it over the page.
  function place(pop) {
    const body = pop.querySelector(".popover");
    if (!body || getComputedStyle(body).position !== "fixed") return;
    const anchor = pop.querySelector("summary").getBoundingClientRect();
    const room = document.documentElement;
    const left = Math.min(anchor.left, room.clientWidth - body.offsetWidth - 8);
    const below = anchor.bottom + 4 + body.offsetHeight < room.clientHeight;
    body.style.left = `${Math.max(8, left)}px`;
    body.style.top = `${below ? anchor.bottom + 4 : Math.max(8, anchor.top - body.offsetHeight - 4)}px`;
  }

  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("details.pop[open]")) place(event.target);
  }, true);
  window.addEventListener("scroll", () => closePopovers(document.activeElement), { passive: true });

  document.addEventListener("change", (event) => {
    const input = event.target;
    if (input.matches("[data-autosubmit]")) input.form.requestSubmit();
    if (input.dataset.selectAll) {
      for (const box of document.getElementsByName(input.dataset.selectAll)) box.checked = input.checked;
    }
    for (const counter of document.querySelectorAll("[data-counter]")) {
      const boxes = [...document.getElementsByName(counter.dataset.counter)];
      const ticked = boxes.filter((box) => box.checked).length;
      counter.textContent = ticked;
      counter.closest("[data-shown-if-ticked]")?.classList.toggle("none-ticked", ticked === 0);
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      closePopovers(null);
      document.querySelectorAll(".open[id]").forEach((element) => setOpen(element, false));
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches(TYPING)) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "?") {
      document.getElementById("help")?.showModal();
    } else if (event.key === "/") {
      document.querySelector("input[type=search]")?.focus();
    } else {
      const key = CSS.escape(event.key);
      const pressed = document.querySelector(`[data-key="${key}"]`);
      if (!pressed) return;
      pressed.click();
    }
    event.preventDefault();
  });
}
