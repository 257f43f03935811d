declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  /** Draws the reference; options as in Swagger UI's own documentation. */
  const SwaggerUIBundle: (options: object) => void;
  export default SwaggerUIBundle;
}
