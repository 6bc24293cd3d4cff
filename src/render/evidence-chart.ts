import type { EvidenceCourse } from '../domain/finding.ts'
export const evidenceChart = (_c: EvidenceCourse, _w: number): string[] => []
export const evidenceSvg = (_c: EvidenceCourse, _t: string): string => ''
