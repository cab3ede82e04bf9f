import type { AdmissionText, LimitText, PhaseText } from './console-text-shapes.ts';

/** The console's words in English, the language all others are measured by. */
export const consoleEn = {
  consoleName: 'Sale console',
  sales: 'Sales',
  gate: 'Gate',
  forgetToken: 'Forget the token',

  tokenTitle: 'Who runs this sale?',
  tokenIntro: 'The admin token opens the console. It is kept until this tab is closed, and nowhere else.',
  tokenLabel: 'Admin token',
  tokenRefused: 'The services do not accept this token.',
  openConsole: 'Open the console',

  noAnswer: 'No answer from the services. What you see may be old; the console keeps asking.',
  live: 'Live',
  asOf: (time: string) => `As of ${time}`,

  salesTitle: 'Sales',
  salesIntro: 'Every published event with its current sale.',
  noSales: 'No event is published. This publishes one:',
  eventMissing: 'No such event is published',
  allSales: 'All sales',
  soldOf: (sold: string, free: string) => `${sold} sold · ${free} free`,

  phases: {
    'room-closed': 'Not open yet',
    'room-open': 'Waiting room open',
    'on-sale': 'On sale',
    closed: 'Closed',
    cancelled: 'Cancelled',
  } satisfies PhaseText,
  nextPhaseIn: {
    'room-closed': 'Waiting room opens in',
    'room-open': 'Opens in',
    'on-sale': 'Closes in',
    closed: '',
    cancelled: '',
  } satisfies PhaseText,
  closedSince: (time: string) => `Closed since ${time}`,
  cancelledAt: (time: string, reason: string) => `Cancelled ${time}: ${reason}`,

  admissionTitle: 'Admission',
  admission: {
    open: 'As planned',
    slowed: 'Slowed down',
    none_free: 'Waits for free seats',
    sold_out: 'Sold out',
    paused: 'Paused',
  } satisfies AdmissionText,
  limitedBy: {
    planned: 'The planned rate is the lowest limit: nothing is in the way.',
    pods: 'The running pods serve no more buyers than this.',
    latency: 'Purchase requests take longer than they should.',
    backlog: 'Orders wait too long for the workers.',
    active: 'As many buyers are in as the event allows at a time.',
    seats: 'No more are let in than there are seats for.',
    'none-free': 'All seats are held; it goes on as soon as some come back.',
    'sold-out': 'Nothing is left to sell.',
    paused: 'An operator stopped it. Who is in may go on.',
  } satisfies LimitText,
  servingNumber: 'Serving number',
  perSecond: (rate: string) => `${rate} a second`,
  planned: (rate: string) => `planned ${rate} a second`,
  pause: 'Pause admission',
  resume: 'Resume admission',
  rateLabel: 'Buyers a second',
  setRate: 'Change rate',
  rateBad: 'A rate is a number from 0 to 100,000.',
  paused: 'Admission is paused.',
  rateIs: (rate: string) => `The rate is ${rate} buyers a second from now on.`,

  funnelTitle: 'From the waiting room to the ticket',
  entered: 'Entered',
  admitted: 'Admitted',
  held: 'Held now',
  paid: 'Paid',
  confirmed: 'Confirmed',
  buyers: (count: number): string => (count === 1 ? 'buyer' : 'buyers'),
  seats: (count: number): string => (count === 1 ? 'seat' : 'seats'),
  orders: (count: number): string => (count === 1 ? 'order' : 'orders'),

  capacityTitle: 'Capacity',
  podRate: 'Pods can serve',
  pods: 'Pods',
  p95: 'Purchase requests, 95th percentile',
  queueDepth: 'Commit queue',
  messages: (count: string, seconds: string) => `${count} messages, ${seconds} s of work`,
  undecided: 'Orders to be decided',
  oldest: 'Oldest of them waits',
  unknown: 'not known',
  none: 'none',

  stockTitle: 'Seats and money',
  unseatedTitle: 'Tickets without seats',
  ticketsFree: 'Free tickets',
  free: 'Free seats',
  sold: 'Sold',
  rejected: 'Orders rejected',
  cancelled: 'Orders cancelled',
  refundsSent: 'Refunds sent',
  refundsDue: 'Refunds due',
  refundsFailed: 'Refunds tried again',
  countAndAmount: (count: string, amount: string) => `${count} · ${amount}`,

  reportTitle: 'Sale report',
  reportIntro:
    'On a machine that reaches the services, this writes the report as HTML and JSON with the data it was made from:',

  cancelTitle: 'Cancel the event',
  cancelIntro:
    'For good: nobody enters, holds or pays any more, every ticket becomes invalid and every payment goes back.',
  cancelStart: 'Cancel the event…',
  cancelReason: 'Reason, for the report',
  cancelConfirm: (eventId: string) => `Type ${eventId} to confirm`,
  cancelYes: 'Cancel the event and refund everybody',
  cancelNo: 'Keep the event',
  cancelDone: 'The event is cancelled. Refunds are on their way.',
  refundProgress: (sent: string, all: string) => `${sent} of ${all} refunds sent`,
  refundsDone: (count: number, all: string) =>
    count === 1 ? 'The one refund is sent.' : `All ${all} refunds are sent.`,
  nothingToRefund: 'Nobody had paid: there is nothing to refund.',
  ordersLeft: (count: number, shown: string) =>
    count === 1
      ? '1 confirmed order still to be cancelled'
      : `${shown} confirmed orders still to be cancelled`,

  gateTitle: 'Check tickets',
  gateIntro: 'Type, paste or scan the code of a ticket. Each admits once, at whichever gate.',
  gateName: 'Name of this gate',
  gateEvent: 'Event',
  anyEvent: 'Any event',
  ticketCode: 'Code of the ticket',
  check: 'Check',
  checking: 'Checking…',
  useCamera: 'Scan with the camera',
  stopCamera: 'Stop the camera',
  noCamera: 'The camera cannot be used here.',
  admittedWord: 'Let in',
  alreadyAdmitted: 'Already in',
  notValid: 'Not valid',
  sinceAt: (time: string, gate: string) => `${time}, ${gate}`,
  notValidBecause: {
    unknown: 'No ticket of ours: guessed, altered, or not read well.',
    cancelled: 'The ticket was cancelled.',
    'other-event': 'A ticket of another event or of a practice round.',
  },
  standing: (people: number) => (people === 1 ? 'Standing, 1 person' : `Standing, ${people} people`),
  lastChecks: 'Earlier checks',
};

/** What every language has to say. */
export type ConsoleMessages = typeof consoleEn;
