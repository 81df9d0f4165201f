/** `/v1/tables`: what there is to export from and to import into. */
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import {
  tableReference,
  type TableDescription,
  type TableSummary,
} from "../../core/table-catalog.ts";
import { createRouter, type AppEnv, type RouteTools } from "../app-context.ts";
import { present } from "../present.ts";
import { json, problems } from "../responses.ts";
import {
  tableListQuerySchema,
  tableListSchema,
  tableParams,
  tableSchema,
  type TableList,
  type TableView,
} from "../schemas/table.ts";

const TAGS = ["Tables"];

const listTablesRoute = createRoute({
  method: "get",
  path: "/v1/tables",
  tags: TAGS,
  summary: "List the tables and views that can be read",
  description: "In the order of their names, without those of Sluice and PostgreSQL itself.",
  request: { query: tableListQuerySchema },
  responses: { 200: json("A page of tables.", tableListSchema), ...problems("invalid_request") },
});

const getTableRoute = createRoute({
  method: "get",
  path: "/v1/tables/{table}",
  tags: TAGS,
  summary: "Show a table: columns, key, about how many rows",
  request: { params: tableParams },
  responses: {
    200: json("The table.", tableSchema),
    ...problems("not_found", "invalid_request"),
  },
});

/** The routes of tables. */
export function tableRoutes({ service }: RouteTools): OpenAPIHono<AppEnv> {
  const router = createRouter();

  router.openapi(listTablesRoute, async (c) => {
    const page = await service.listTables(present(c.req.valid("query")));
    return c.json({ items: page.items.map(summaryView), next: page.next }, 200);
  });

  router.openapi(getTableRoute, async (c) => {
    return c.json(tableView(await service.getTable(c.req.valid("param").table)), 200);
  });

  return router;
}

function summaryView(table: TableSummary): TableList["items"][number] {
  const { kind, rows, bytes } = table;
  return { table: tableReference(table), kind, rows, bytes };
}

function tableView(table: TableDescription): TableView {
  return {
    ...summaryView(table),
    columns: table.columns.map(({ name, sqlType, isNullable, writtenAs }) => ({
      name,
      sqlType,
      isNullable,
      writtenAs,
    })),
    key: table.key && [...table.key],
    uniqueKeys: table.uniqueKeys.map((key) => [...key]),
    lastExportRows: table.lastExportRows,
  };
}
