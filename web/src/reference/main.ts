import 'swagger-ui-dist/swagger-ui.css';
import './reference.css';
import SwaggerUIBundle from 'swagger-ui-dist/swagger-ui-es-bundle.js';

// The reference of the HTTP APIs, drawn from what the server says of itself.
const apis = ['customer', 'account', 'admin'];
const asked = new URLSearchParams(location.search).get('api');
const api = apis.find((each) => each === asked) ?? 'customer';
document.querySelector(`a[data-api="${api}"]`)?.setAttribute('aria-current', 'page');

// The scheme that was chosen in the app, else that of the system.
const chosen = localStorage.getItem('mantine-color-scheme-value');
const isDark =
  chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
document.documentElement.classList.toggle('dark-mode', isDark);

SwaggerUIBundle({
  dom_id: '#reference',
  url: `/api/${api}/openapi.json`,
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  // Nothing is sent to a validator elsewhere.
  validatorUrl: null,
});
