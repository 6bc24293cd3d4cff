import type { DatabaseConfiguration } from '../../domain/configuration.ts'
import { type Connection, onDatabase, parseConnection } from './connection.ts'

/** Who connects where. */
export interface Places {
  /** The database that serves. */
  database: string
  /** As the service. */
  service: Connection
  /** As the role that may create, rename and drop databases, to any of them. */
  admin(database: string): Connection
  /** The one the admin's own url names: where nobody has to be asked whether it may be used. */
  adminDatabase: string
}

/** @throws OperatorError DB_URL_INVALID */
export function findPlaces({ url, adminUrl }: Pick<DatabaseConfiguration, 'url' | 'adminUrl'>): Places {
  const service = parseConnection(url)
  const admin = adminUrl === null ? service : parseConnection(adminUrl)
  return {
    database: service.database,
    service,
    admin: (database) => onDatabase(admin, database),
    adminDatabase: admin.database,
  }
}
