import type { Command } from 'commander';
import { callAdmin } from '../admin-client.ts';
import type { CommandContext } from './command-context.ts';

/** `cancel-event <eventId>`: cancels an event for good. */
export function addCancelEventCommand(program: Command, context: CommandContext): void {
  program
    .command('cancel-event <eventId>')
    .description('cancel an event for good and refund everybody; status shows how far it is')
    .requiredOption('--reason <text>', 'why, for the report')
    .action(async (eventId: string, { reason }: { reason: string }) => {
      const path = `/admin/sales/${encodeURIComponent(eventId)}/cancel`;
      const body = { confirm: eventId, reason };
      console.log(JSON.stringify(await callAdmin(await context.admin(), 'POST', path, body), null, 2));
    });
}
