import { Button, Table } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { QueryData } from '../api/types';
import { SeriesLabels } from '../format/SeriesLabels';
import { resultRows, type ResultRow } from './rows';
import classes from './ResultTable.module.css';
import { ValueCell } from './ValueCell';

/** Rows shown at first; a browser takes seconds over tens of thousands. */
const pageSize = 500;

export function ResultTable({ data }: { readonly data: QueryData }) {
  const rows = useMemo(() => resultRows(data), [data]);
  const [limit, setLimit] = useState(pageSize);
  if (rows.length === 0) return <p className={classes['none']} data-testid="empty-result">No series at this time.</p>;

  return (
    <>
      <Table className={classes['table']} highlightOnHover verticalSpacing={3} horizontalSpacing="xs" data-testid="result-table">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{data.resultType === 'vector' || data.resultType === 'matrix' ? 'Series' : 'Result'}</Table.Th>
            <Table.Th className={classes['value']}>Value</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.slice(0, limit).map((row, index) => <Row key={index} row={row} kind={data.resultType} />)}
        </Table.Tbody>
      </Table>
      {rows.length > limit && (
        <Button variant="subtle" size="compact-xs" onClick={() => setLimit((now) => now * 10)}>
          Show more of {(rows.length - limit).toLocaleString('en')} further series
        </Button>
      )}
    </>
  );
}

function Row({ row, kind }: { readonly row: ResultRow; readonly kind: QueryData['resultType'] }) {
  return (
    <Table.Tr>
      <Table.Td>{row.labels === null ? <span className="dim">{kind}</span> : <SeriesLabels labels={row.labels} />}</Table.Td>
      <Table.Td className={classes['value']}><ValueCell row={row} withTimes={kind === 'matrix'} plain={kind === 'string'} /></Table.Td>
    </Table.Tr>
  );
}
