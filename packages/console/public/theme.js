// A chosen theme is set before the page is drawn; without one the system's is taken (K63).
try {
  const theme = localStorage.getItem('halyard-theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is closed to this page: the system's theme it is.
}
