import type { Checkpoint } from '../domain/checkpoint.ts'
import type { Loss } from '../domain/proof.ts'
import type {
  Comparison,
  ExportSummary,
  KeptDatabase,
  Reinsertion,
  TableName,
  WrittenSince,
} from '../domain/salvage.ts'

/** What was written after a checkpoint: counted before anything is changed, and brought back after a restore. */
export interface Salvage {
  /**
   * On the live database. Only reads.
   * @param options.restored a database with the checkpoint's content: then the figures are exact
   */
  countSince(checkpoint: Checkpoint, options?: { restored?: string }): Promise<WrittenSince>
  /** On the live database: of what a way down takes whole, how many values or rows there are by now. Only reads. */
  countLosses(losses: readonly Loss[]): Promise<Loss[]>
  /** Databases that were taken out of service and kept, newest first. */
  keptDatabases(): Promise<KeptDatabase[]>
  /** Row by row. Only reads. @throws OperatorError DB_NOT_THERE */
  compare(sides: Sides): Promise<Comparison>
  /** CSV and SQL of every table that differs, and a summary.json. Done twice, the files are replaced. @throws SALVAGE_FOLDER_TAKEN */
  export(sides: Sides, folder: string): Promise<ExportSummary>
  /** What a re-insertion would do: everything is tried, and rolled back. @throws as reinsert */
  rehearse(sides: Sides, request: ReinsertRequest): Promise<Reinsertion>
  /**
   * In one transaction; done twice it changes nothing the second time.
   * @throws OperatorError SALVAGE_UNKNOWN_TABLE, SALVAGE_PREDICATE_INVALID, SALVAGE_PARENTS_MISSING, SALVAGE_CYCLE,
   * SALVAGE_COLUMN_MISSING, SALVAGE_NOT_EQUAL: nothing is changed
   */
  reinsert(sides: Sides, request: ReinsertRequest): Promise<Reinsertion>
}

export interface Sides {
  damaged: string
  /** Null: the database that the service uses. */
  restored: string | null
}

export interface ReinsertRequest {
  /** `orders`, `shop.orders`: as typed, or as this program prints them. */
  tables: readonly (string | TableName)[]
  /** SQL that is true for the rows to leave out. It can use the columns and the name of a table. */
  without: string | null
}
