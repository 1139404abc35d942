import type { RecordService, RunRecord } from '../../../harness/model/record.ts';
import { formatDuration } from '../../format.ts';
import { clip, excerpt, plural, sanitise } from '../../text.ts';
import { anchor, html, type Content, type Markup } from '../markup.ts';
import type { Limits } from '../section.ts';
import { table } from '../table.ts';

const COLUMNS = [
  { heading: 'Service' },
  { heading: 'State' },
  { heading: 'Kind' },
  { heading: 'Version' },
  { heading: 'Ready after', numeric: true },
  { heading: 'Restarts', numeric: true },
  { heading: 'Address' },
  { heading: 'Process', numeric: true },
];

export function services(record: RunRecord, limits: Limits): Markup | null {
  if (record.services.length === 0) return null;
  return table({
    caption: 'Services at the end of the run',
    label: 'Services',
    columns: COLUMNS,
    rows: record.services.map((service) => row(service, limits)),
  });
}

function row(service: RecordService, limits: Limits): readonly Content[] {
  const name = excerpt(service.name, 80);
  const logged = service.logTail.length > 0 && limits.logLines > 0;
  return [
    html`${logged ? html`<a href="#${anchor('log', service.name)}">${name}</a>` : name} <small>${service.critical ? 'critical' : 'not critical'}</small>`,
    service.state === 'running' ? 'running' : html`<strong class="text-violated">✗ ${service.state.replace('-', ' ')}</strong>`,
    service.kind,
    excerpt(service.version ?? '-', 60),
    service.readyMs === null ? '-' : formatDuration(service.readyMs),
    service.restarts,
    service.url === null ? '-' : html`<code>${excerpt(service.url, 200)}</code>`,
    service.pid ?? '-',
  ];
}

/** The last lines of each service's log, one anchor per line (`#L-gateway-12`); left out of prints. */
export function logs(record: RunRecord, limits: Limits): Markup | null {
  const logged = record.services.filter((service) => service.logTail.length > 0);
  return logged.length === 0 ? null : html`${logged.map((service) => log(service, limits))}`;
}

function log({ name, logTail, state }: RecordService, limits: Limits): Markup {
  const first = Math.max(0, logTail.length - limits.logLines);
  const lines = logTail.slice(first).map((text, at) => {
    const id = anchor('L', `${name}-${first + at + 1}`);
    return html`<span class="line" id="${id}"><a href="#${id}" aria-label="Line ${first + at + 1}">${first + at + 1}</a> ${clip(sanitise(text.slice(0, limits.logLineLength * 4)), limits.logLineLength)}
</span>`;
  });
  return html`<details class="log" id="${anchor('log', name)}"${state === 'running' ? null : html` open`}>
<summary>${excerpt(name, 80)}: last ${plural(lines.length, 'line')}</summary>
<pre tabindex="0" role="region" aria-label="Log of ${excerpt(name, 80)}">${lines}</pre>
</details>
`;
}
