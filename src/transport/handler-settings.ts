import type {
  DispatchOptions,
  EnvelopeMode,
  LateMessages,
  PayloadMode,
  ResolvedOptions,
} from '../options.js';
import { countOrNone, group, knownOnly, oneOf, withDefaults } from '../option-checks.js';
import type { LaneLimits } from './lane.js';

/**
 * What one handler does differently from its module: the extras of the decorator, as in
 * `@MessagePattern('orders.*', { payload: 'buffer', dispatch: { concurrency: 1 } })`. Further keys are left to their owners.
 */
export interface RedisResilientHandlerOptions {
  /** How many messages run, and wait, at once. @default that of the module */
  dispatch?: DispatchOptions;
  /** Whether packets of Nest are looked for. @default that of the module */
  envelope?: EnvelopeMode;
  /** What the handler receives. @default that of the module */
  payload?: PayloadMode;
  /** Whether it gets late messages. @default that of the module */
  lateMessages?: LateMessages;
}

/** How the messages of one handler are treated. */
export interface HandlerSettings {
  readonly dispatch: LaneLimits;
  readonly envelope: EnvelopeMode;
  readonly payload: PayloadMode;
  readonly lateMessages: LateMessages;
}

/**
 * Fills what a handler leaves open with the options of its module.
 *
 * @throws RedisResilientOptionsError that names the pattern, the option, its value and the remedy
 */
export function resolveHandlerSettings(
  pattern: string,
  extras: object,
  module: Pick<ResolvedOptions, keyof HandlerSettings>,
): HandlerSettings {
  const at = (option: string): string => `${option} of "${pattern}"`;
  const own = extras as Record<string, unknown>;
  const given = group(at('dispatch'), own['dispatch'], '{ concurrency: 1 }');
  knownOnly(at('dispatch'), given, Object.keys(module.dispatch));
  const dispatch = withDefaults(given, module.dispatch);
  const all = withDefaults(own, {
    envelope: module.envelope,
    payload: module.payload,
    lateMessages: module.lateMessages,
  });
  return {
    dispatch: {
      concurrency: countOrNone(at('dispatch.concurrency'), dispatch.concurrency),
      maxPending: countOrNone(at('dispatch.maxPending'), dispatch.maxPending),
      overflow: oneOf(at('dispatch.overflow'), dispatch.overflow, ['drop-oldest', 'drop-newest']),
    },
    envelope: oneOf(at('envelope'), all.envelope, ['auto', 'nest', 'raw']),
    payload: oneOf(at('payload'), all.payload, ['json', 'text', 'buffer']),
    lateMessages: oneOf(at('lateMessages'), all.lateMessages, ['deliver', 'drop']),
  };
}

/** Whether messages go straight to the handler. */
export function isUnlimited({ concurrency, maxPending }: LaneLimits): boolean {
  return concurrency === Infinity && maxPending === Infinity;
}
