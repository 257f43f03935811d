import { createPanelClient } from '@panelwright/sdk';

const panel = createPanelClient({
  url: process.env.PANEL_URL ?? 'https://panel.example/api/v2',
  key: process.env.PANEL_KEY ?? '',
});

const outcome = await panel.add({
  type: 'Custom Comments',
  service: 12,
  link: 'https://example.com/post',
  comments: ['Great post', 'Love it'],
});

switch (outcome.outcome) {
  case 'accepted':
    console.log(`order ${outcome.order}`);
    break;
  case 'rejected':
    console.log(`refused: ${outcome.refusal.code}, "${outcome.refusal.text}"`);
    break;
  case 'notSent':
    console.log(`not sent (${outcome.reason}), can be sent again`);
    break;
  case 'unknown':
    console.log(`maybe placed (${outcome.reason}): look before sending it again`);
    break;
}
