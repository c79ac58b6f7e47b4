// Without it a deep link makes Streamlit's page look for its server below the page's own path first, where it is not.
window.__streamlit = { BACKEND_BASE_URL: location.origin, MAIN_PAGE_BASE_URL: location.origin };
// A page keeps its scenario in its address. That is no step of its own: "back" goes to the page before.
const push = history.pushState.bind(history);
history.pushState = (data, unused, url) =>
  new URL(url, location.href).pathname === location.pathname ? history.replaceState(data, unused, url) : push(data, unused, url);
// A narrow window's list of pages lies over the page: it closes once one is picked, as it does on a phone.
addEventListener("click", ({ target }) => {
  if (!target.closest?.('[data-testid="stSidebarNavLink"]') || !matchMedia("(max-width: 768px)").matches) return;
  document.querySelector('[data-testid="stMain"]')?.dispatchEvent(new MouseEvent("mousedown", { bubbles: true }));
});
