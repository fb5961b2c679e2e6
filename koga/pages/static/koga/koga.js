// Better with it, complete without it: the text-size control, kept on this device.
(() => {
  const root = document.documentElement;
  const read = () => { try { return Number(localStorage.getItem("koga-size")) || 0; } catch { return 0; } };
  const show = (size) => { if (size) root.dataset.size = String(size); else delete root.dataset.size; };
  let size = Math.min(3, Math.max(-1, read()));
  show(size);
  document.addEventListener("DOMContentLoaded", () => {
    for (const group of document.querySelectorAll("[data-sizes]")) {
      group.hidden = false;
      group.addEventListener("click", (event) => {
        const step = Number(event.target.dataset.step);
        if (!step) return;
        size = Math.min(3, Math.max(-1, size + step));
        show(size);
        try { localStorage.setItem("koga-size", String(size)); } catch { /* shown, not kept */ }
      });
    }
  });
})();
