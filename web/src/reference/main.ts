import 'swagger-ui-dist/swagger-ui.css';
import './reference.css';
import SwaggerUIBundle from 'swagger-ui-dist/swagger-ui-es-bundle.js';

// The reference of both HTTP APIs, drawn from what the server says of itself.
const api = new URLSearchParams(location.search).get('api') === 'admin' ? 'admin' : 'customer';
document.querySelector(`a[data-api="${api}"]`)?.setAttribute('aria-current', 'page');
SwaggerUIBundle({
  dom_id: '#reference',
  url: `/api/${api}/openapi.json`,
  deepLinking: true,
  // Nothing is sent to a validator elsewhere.
  validatorUrl: null,
});
