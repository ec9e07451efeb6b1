// The pages of one document: copying from the tree, and comfort for the form.
// Everything works without it; it hangs on data attributes.
"use strict";
{
  // Copy path and value of the line under the pointer.

  const bar = document.createElement("span");
  bar.className = "dm-copybar";
  let line = null;
  for (const what of ["path", "value"]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = what === "path" ? "Copy path" : "Copy value";
    button.addEventListener("click", (event) => {
      event.preventDefault();
      event.stopPropagation();
      const text = what === "path" ? line.dataset.path : line.querySelector(".v")?.textContent ?? "";
      navigator.clipboard?.writeText(text).then(() => {
        button.classList.add("copied");
        setTimeout(() => button.classList.remove("copied"), 1200);
      });
    });
    bar.append(button);
  }
  document.addEventListener("pointerover", (event) => {
    const found = event.target.closest(".dm-tree .dm-row[data-path]");
    if (!found) {
      if (!event.target.closest(".dm-copybar")) bar.remove();
      return;
    }
    if (found === line && bar.isConnected) return;
    line = found;
    bar.lastChild.hidden = !line.querySelector(".v");
    line.append(bar);
  });

  // The form

  const form = document.querySelector("[data-document-form]");
  if (form) {
    const count = document.querySelector("[data-changed-count]");
    const pristine = form.hasAttribute("data-pristine");
    let sending = false;

    const isChanged = (input) => {
      if (input.type === "hidden" || input.tagName === "BUTTON") return false;
      if (input.type === "checkbox") return input.checked !== input.defaultChecked;
      if (input.tagName === "SELECT") {
        const first = [...input.options].findIndex((option) => option.defaultSelected);
        return input.selectedIndex !== Math.max(first, 0);
      }
      return input.value !== asShown(input);
    };

    // Pickers rewrite the value that they are given: seconds of zero go.
    const asShown = (input) => {
      if (!input.type.startsWith("date")) return input.defaultValue;
      const same = document.createElement("input");
      same.type = input.type;
      same.value = input.defaultValue;
      return same.value;
    };

    const refresh = () => {
      const paths = new Set();
      for (const input of form.elements) {
        const owner = input.closest("[data-path]");
        if (!owner || !input.name) continue;
        const fresh = owner.closest("[data-new]");
        // What was offered unasked is nothing while it is empty.
        if (isChanged(input) || (fresh && !fresh.hasAttribute("data-extra"))) paths.add((fresh ?? owner).dataset.path);
      }
      for (const owner of form.querySelectorAll("[data-path]")) {
        owner.classList.toggle("dm-changed", paths.has(owner.dataset.path));
      }
      count.textContent = paths.size === 0 ? (pristine ? count.dataset.none : "")
        : paths.size === 1 ? count.dataset.one : count.dataset.many.replace("%s", paths.size);
      return paths.size;
    };

    const enhance = (root) => {
      for (const label of root.querySelectorAll(".dm-position")) {
        const stored = label.querySelector("input").value !== "";
        label.hidden = true;
        for (const button of label.parentElement.querySelectorAll("[data-move]")) button.hidden = !stored;
      }
    };

    const move = (item, step) => {
      const neighbour = step < 0 ? item.previousElementSibling : item.nextElementSibling;
      const mine = item.querySelector(":scope > .dm-moves [data-position]");
      const theirs = neighbour?.querySelector(":scope > .dm-moves [data-position]");
      if (!theirs || theirs.value === "") return;
      [mine.value, theirs.value] = [theirs.value, mine.value];
      if (step < 0) neighbour.before(item); else neighbour.after(item);
    };

    const add = async (button) => {
      const path = button.dataset.add;
      const taken = [...form.querySelectorAll("input[type=hidden]")]
        .filter((input) => input.name === `f:${path}:new`)
        .map((input) => Number(input.value));
      const query = new URLSearchParams(location.search);
      query.set("item", path);
      query.set("number", Math.max(0, ...taken) + 1);
      const answer = await fetch(`?${query}`, { headers: { "HX-Request": "true" } });
      if (!answer.ok) return form.requestSubmit(button);
      const piece = document.createElement("template");
      piece.innerHTML = await answer.text();
      const list = [...form.querySelectorAll("[data-list]")].find((one) => one.dataset.list === path);
      enhance(piece.content);
      const first = piece.content.querySelector("[data-item]");
      list.append(piece.content);
      first?.querySelector("input:not([type=hidden]), textarea, select")?.focus();
      refresh();
      return undefined;
    };

    let timer = 0;
    const suggest = (input) => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        const list = input.parentElement.querySelector(".dm-suggestions");
        const query = new URLSearchParams({ autocomplete: input.dataset.reference, q: input.value });
        const answer = await fetch(`?${query}`, { headers: { "HX-Request": "true" } });
        if (!answer.ok) return;
        list.innerHTML = await answer.text();
        list.hidden = false;
      }, 200);
    };

    form.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      const item = button.closest("[data-item]");
      if (button.dataset.move) move(item, Number(button.dataset.move));
      if (button.dataset.add && pristine) {
        event.preventDefault();
        add(button);
      }
      if (button.dataset.choose !== undefined) {
        const box = button.closest(".dm-val");
        const input = box.querySelector("[data-reference]");
        input.value = button.dataset.choose;
        box.querySelector("[data-note]").textContent = button.firstChild.textContent.trim();
        box.querySelector(".dm-suggestions").hidden = true;
        input.focus();
        input.dispatchEvent(new Event("change", { bubbles: true }));
      }
      refresh();
    });

    const onInput = (event) => {
      const input = event.target;
      const state = input.closest(".dm-val")?.querySelector("[data-state]");
      // Whoever types a value means a value.
      if (state && state !== input && input.value !== "" && state.value !== "value") state.value = "value";
      if (input.dataset.delete !== undefined) {
        const item = input.closest("[data-item]");
        item.classList.toggle("dm-removed", input.checked);
        if (input.checked && item.hasAttribute("data-new")) item.remove();
      }
      if (input.dataset.reference !== undefined && event.type === "input") {
        input.closest(".dm-val").querySelector("[data-note]").textContent = "";
        suggest(input);
      }
      refresh();
    };
    form.addEventListener("input", onInput);
    form.addEventListener("change", onInput);
    form.addEventListener("focusout", (event) => {
      const box = event.target.closest(".dm-val");
      if (box && !box.contains(event.relatedTarget)) {
        const list = box.querySelector(".dm-suggestions");
        if (list) list.hidden = true;
      }
    });

    form.addEventListener("submit", (event) => {
      sending = true;
      // Only changed paths are sent; what the server does not get is unchanged.
      if (!pristine || event.submitter?.name === "_add") return;
      for (const input of form.elements) {
        if (input.name?.startsWith("f:") && input.type !== "hidden" && !isChanged(input)
          && !input.closest("[data-new]")) input.disabled = true;
      }
    });
    // Back from another page: what was left out must be there again.
    window.addEventListener("pageshow", () => {
      sending = false;
      for (const input of form.elements) input.disabled = false;
    });
    window.addEventListener("beforeunload", (event) => {
      if (!sending && (refresh() > 0 || !pristine)) event.preventDefault();
    });

    document.addEventListener("click", (event) => {
      const link = event.target.closest("[data-goto]");
      if (!link) return;
      event.preventDefault();
      const owner = [...form.querySelectorAll("[data-path]")]
        .find((one) => one.dataset.path === link.dataset.goto);
      for (let box = owner; box; box = box.parentElement) if (box.tagName === "DETAILS") box.open = true;
      owner?.scrollIntoView({ block: "center" });
      owner?.querySelector("input:not([type=hidden]), textarea, select")?.focus();
    });

    enhance(form);
    refresh();
  }
}
