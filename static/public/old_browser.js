/* Runs in browsers that cannot run the pages' modules: shows the sentence that stands in the page. */
(function () {
  var notice = document.getElementById("old-browser");
  var able =
    "noModule" in document.createElement("script") &&
    typeof Object.hasOwn === "function" &&
    typeof window.structuredClone === "function";
  if (notice && !able) {
    notice.removeAttribute("hidden");
  }
})();
