import t from 'tap';
import { consoleJourneys } from './testing/journeys/console-journeys.ts';
import { consoleScreens } from './testing/journeys/console-screens.ts';
import { keyboardJourney } from './testing/journeys/keyboard-journey.ts';
import { practiceJourney } from './testing/journeys/practice-journey.ts';
import { purchaseJourneys } from './testing/journeys/purchase-journeys.ts';
import { rareScreens } from './testing/journeys/rare-screens.ts';
import { screens } from './testing/journeys/screens.ts';
import { waitingJourneys } from './testing/journeys/waiting-journeys.ts';
import { seatMapJourney } from './testing/journeys/seat-map-journey.ts';
import { startPage } from './testing/start-page.ts';

// One stack and one browser for all journeys: starting them takes longer than most of them.
t.setTimeout(1_200_000);
const served = await startPage(t);

purchaseJourneys(t, served);
waitingJourneys(t, served);
practiceJourney(t, served);
keyboardJourney(t, served);
seatMapJourney(t, served);
screens(t, served);
rareScreens(t, served);
consoleJourneys(t, served);
consoleScreens(t, served);
