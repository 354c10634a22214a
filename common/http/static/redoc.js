// Start Redoc on our own document. Its search would need a worker made of inline code, so it is off.
Redoc.init("/openapi.json", { disableSearch: true, hideDownloadButton: false }, document.getElementById("page"));
