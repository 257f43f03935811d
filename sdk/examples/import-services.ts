import { createPanelClient } from '@panelwright/sdk';

const panel = createPanelClient({
  url: process.env.PANEL_URL ?? 'https://panel.example/api/v2',
  key: process.env.PANEL_KEY ?? '',
});

const reading = await panel.services();
if (reading.ok) {
  for (const service of reading.value.services) {
    if (service.separator || !service.typeKnown) continue;
    console.log(`${service.service} ${service.name}: ${service.rate} (${service.type})`);
  }
  for (const { service, code, text } of reading.value.warnings) {
    console.log(`service ${service}: ${code} ${text}`);
  }
} else console.log(`no list: ${reading.failure.kind}`);
