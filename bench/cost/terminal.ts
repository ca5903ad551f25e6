import { columns } from '../shared/terminal.js';
import type { Section } from './sections.js';

/** The table of a section. */
export function tableLines({ head, lines }: Section): string[] {
  return columns([head, ...lines]);
}
