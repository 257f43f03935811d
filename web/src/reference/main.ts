import 'swagger-ui-dist/swagger-ui.css';
import './reference.css';
import SwaggerUIBundle from 'swagger-ui-dist/swagger-ui-es-bundle.js';

// The reference of both HTTP APIs, drawn from what the server says of itself.
SwaggerUIBundle({
  dom_id: '#reference',
  urls: [
    { name: 'Customer API', url: '/api/customer/openapi.json' },
    { name: 'Admin API', url: '/api/admin/openapi.json' },
  ],
  deepLinking: true,
  // Nothing is sent to a validator elsewhere.
  validatorUrl: null,
});
