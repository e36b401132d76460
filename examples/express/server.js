// Flags in an Express application, evaluated in its own process from a PostHog or Halyard database.
//
//   DATABASE_URL=postgresql://… HALYARD_TOKEN=phc_… node examples/express/server.js
import express from 'express';
import { createHalyard } from 'halyard';

const { DATABASE_URL = '', HALYARD_TOKEN = '', PORT = '3000' } = process.env;

// Once per process: it keeps the definitions fresh, and the last good ones while the database is away.
const halyard = await createHalyard({
  definitions: { postgres: DATABASE_URL, token: HALYARD_TOKEN },
  onError: (error) => console.error('flags are not refreshed:', error),
});

const app = express();

app.get('/checkout/:user', async (request, response) => {
  // All flags of the user at once. What is known about the user here wins over what is stored.
  const flags = await halyard.evaluate({
    distinctId: request.params.user,
    personProperties: { signed_in: true },
  });
  response.json({ checkout: flags.isEnabled('new-checkout') ? 'new' : 'old', colour: flags.value('button-colour') });
});

const server = app.listen(Number(PORT), '127.0.0.1', () => {
  const address = server.address();
  console.log(`http://127.0.0.1:${typeof address === 'object' ? address?.port : PORT}`);
});

process.once('SIGTERM', () => {
  server.close(() => void halyard.close());
});
