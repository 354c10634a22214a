// Start Swagger UI on our own document; nothing is sent to a validator.
window.ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#page",
  deepLinking: true,
  docExpansion: "none",
  validatorUrl: null,
  displayRequestDuration: true,
  syntaxHighlight: { activated: true },
});
