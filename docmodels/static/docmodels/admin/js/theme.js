// Light, dark or as the system: chosen before the page is drawn, so that it does not flash.
// Key and values are those of Django's admin; the choice holds on its pages too.
"use strict";
{
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    try {
      return localStorage.getItem("theme") || "auto";
    } catch {
      return "auto";
    }
  }

  function apply() {
    const theme = chosen();
    const dark = theme === "dark" || (theme !== "light" && system.matches);
    root.dataset.theme = dark ? "dark" : "light";
    root.dataset.themeChoice = theme;
  }

  root.classList.add("js");
  apply();
  system.addEventListener("change", apply);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const order = system.matches ? ["auto", "light", "dark"] : ["auto", "dark", "light"];
    try {
      localStorage.setItem("theme", order[(order.indexOf(chosen()) + 1) % 3]);
    } catch {
      return;
    }
    apply();
  });
}
