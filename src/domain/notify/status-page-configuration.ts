/** `statusPage:` in lastgood.yaml. */
export interface StatusPageConfiguration {
  /** Where the page is written, beside nothing else. */
  folder: string
  /** What customers call the service. */
  title: string
  /** Where the folder is served; feeds need it. Null: links in them are relative. */
  url: string | null
  components: PublicComponent[]
}

export interface PublicComponent {
  name: string
  description: string | null
  /** Triggers, or keys of findings (a flow, an invariant, an alert), that concern it; empty: all do. */
  affectedBy: string[]
}
