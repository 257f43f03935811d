import { createPanelClient } from '@panelwright/sdk';

const panel = createPanelClient({
  url: process.env.PANEL_URL ?? 'https://panel.example/api/v2',
  key: process.env.PANEL_KEY ?? '',
});

const { answers, missing } = await panel.statuses([23501, '23502', '23503']);
for (const [order, reading] of answers) {
  if (reading.ok) {
    const { status, charge, remains } = reading.value;
    console.log(`${order}: ${status.word}, ${remains} remain, ${charge} charged`);
  } else console.log(`${order}: ${reading.failure.kind}`);
}
console.log(`not mentioned: ${missing.join(', ')}`);
