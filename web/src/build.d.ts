/** Version of the page, for the gateway's log. */
declare const __BUILD__: string;
