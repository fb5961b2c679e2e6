// Better with it, complete without it: the answer follows the sliders, the address follows both.
(() => {
  const form = document.querySelector("[data-what-if]");
  if (!form) return;
  let waiting = 0;
  let asked = null;
  const address = () => {
    const query = new URLSearchParams();
    for (const input of form.querySelectorAll("[data-base]")) {
      if (input.value !== input.dataset.base) query.set(input.name, input.value);
    }
    const text = query.toString();
    return form.action + (text ? "?" + text : "");
  };
  const show = (page, where) => {
    const now = document.querySelector("#answer");
    const next = page.querySelector("#answer");
    if (!next) { location.assign(where); return; }
    now.replaceWith(next);
    for (const input of form.querySelectorAll("[data-base]")) {
      const other = page.getElementById(input.id);
      const said = other && other.parentElement.querySelector("output");
      const own = input.parentElement.querySelector("output");
      if (said && own) { own.textContent = said.textContent; input.setAttribute("aria-valuetext", said.textContent); }
      if (other) input.parentElement.className = other.parentElement.className;
    }
    history.replaceState(null, "", where);
  };
  const ask = async () => {
    if (asked) asked.abort();
    asked = new AbortController();
    document.querySelector("#answer").setAttribute("aria-busy", "true");
    try {
      const reply = await fetch(address(), { signal: asked.signal, credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await reply.text(), "text/html");
      show(page, reply.url);
    } catch (fault) {
      if (fault.name !== "AbortError") location.assign(address());
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 150);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    ask();
  });
})();
