import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { readTicketEvent } from './read-ticket-event.ts';

t.test('relative instants count from now, on the full second', async (t) => {
  const file = join(t.testdir(), 'event.yaml');
  await writeFile(file, 'spec:\n  title: +5s\n  sale: { opensAt: +5s, closesAt: +1h30m }\n');
  t.same(await readTicketEvent(file, Date.parse('2030-01-01T00:00:00.200Z')), {
    spec: {
      title: '+5s',
      sale: { opensAt: '2030-01-01T00:00:06.000Z', closesAt: '2030-01-01T01:30:01.000Z' },
    },
  });
});

t.test('absolute instants stay as they are', async (t) => {
  const file = join(t.testdir(), 'event.yaml');
  await writeFile(file, 'spec: { sale: { opensAt: "2030-01-01T00:00:00Z" } }\n');
  t.same(await readTicketEvent(file, 0), { spec: { sale: { opensAt: '2030-01-01T00:00:00Z' } } });
});

t.test('a missing, broken or empty file is named', async (t) => {
  const directory = t.testdir({ 'broken.yaml': 'a: [', 'empty.yaml': '' });
  await t.rejects(readTicketEvent(join(directory, 'none.yaml'), 0), /Cannot read .*none\.yaml/);
  await t.rejects(readTicketEvent(join(directory, 'broken.yaml'), 0), /broken\.yaml is not valid YAML/);
  await t.rejects(readTicketEvent(join(directory, 'empty.yaml'), 0), /empty\.yaml holds no TicketEvent/);
});
