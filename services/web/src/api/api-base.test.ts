import t from 'tap';
import { apiBaseFor } from './api-base.ts';

t.test('requests stay at the page’s origin where the event sells there', async (t) => {
  const page = { origin: 'https://tickets.example', hostname: 'tickets.example' };
  t.equal(apiBaseFor('', page), '');
  t.equal(apiBaseFor('https://tickets.example', page), '');
  t.equal(apiBaseFor('https://seoul.tickets.example/', page), 'https://seoul.tickets.example');
});

t.test('this machine is one, by whichever name', async (t) => {
  const page = { origin: 'http://localhost:8080', hostname: 'localhost' };
  t.equal(apiBaseFor('http://127.0.0.1:8080', page), '');
});
