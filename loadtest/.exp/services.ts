import { startLab } from '../bench/lab.ts';
import { drive, requestBytes } from '../bench/load-client.ts';
import { sample, median } from '../bench/side.ts';
import { publishSale, waitingBuyers } from '../bench/sales.ts';
import { sourceEntry } from '../bench/service.ts';
const lab = await startLab((t) => console.error(t));
try {
  const { eventId } = await publishSale(lab, 'bench-small-a', { sections: 1, rows: 24, seatsPerRow: 20 });
  const buyers = process.argv.includes('room') ? await waitingBuyers(lab, 5000) : [];
  const e = sourceEntry('public-api');
  const v: [string, number, number, string[]][] = [['baseline', lab.baseline.pid, lab.baseline.port, []]];
  const reqs: Record<string, string[]> = {
    summary: [requestBytes('GET', `/public/summary/${eventId}/S0`)],
    ping: [requestBytes('GET', '/public/ping')],
    room: buyers.map((b) => requestBytes('GET', `/public/room-status?token=${b.token}`)),
  };
  const pub = lab.services['public-api'];
  const notrace = await lab.start('public-api', { file: e.file, execArgv: [] });
  const noshed = await lab.start('public-api', e, { SHED_EVENT_LOOP_DELAY_MS: '0' });
  const nodocs = await lab.start('public-api', e, { DOCS: 'false' });
  const sides: any[] = [];
  const add = (label: string, pid: number, port: number, kind: string) => {
    const rs = reqs[kind]!;
    let i = 0;
    sides.push({
      label: label + ' ' + kind,
      us: [],
      pids: [pid],
      run: async (forMs: number) =>
        (
          await drive({
            port,
            connections: 128,
            expect: 200,
            forMs,
            next: () => ({ bytes: rs[i++ % rs.length]! }),
          })
        ).answered,
    });
  };
  add('baseline', lab.baseline.pid, lab.baseline.port, 'summary');
  add('public', pub.pid, pub.port, 'summary');
  add('public', pub.pid, pub.port, 'ping');
  add('notrace', notrace.pid, notrace.port, 'summary');
  add('noshed', noshed.pid, noshed.port, 'summary');
  add('nodocs', nodocs.pid, nodocs.port, 'summary');
  if (buyers.length) add('public', pub.pid, pub.port, 'room');
  for (let r = 0; r < 9; r++)
    for (const s of sides) {
      const x = await sample(s, 400);
      if (r) s.us.push(x.usPerRequest);
      s.busy = x.busy;
    }
  const b = median(sides[0].us);
  for (const s of sides)
    console.log(
      s.label.padEnd(30),
      median(s.us).toFixed(1),
      (b / median(s.us)).toFixed(2),
      s.busy.toFixed(2),
    );
} finally {
  await lab.stop();
}
