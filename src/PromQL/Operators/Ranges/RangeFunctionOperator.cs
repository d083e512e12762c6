using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Functions.Ranges;

namespace Deucalion.PromQL.Operators.Ranges;

/// <summary>Applies a function to the windows of each series.</summary>
internal sealed class RangeFunctionOperator : VectorOperator
{
    private readonly RangeSource _source;
    private readonly RangeKernel _kernel;
    private readonly PositionRange _position;
    private readonly ScalarOperator[] _parameters;
    private QueryContext? _context;

    public RangeFunctionOperator(RangeSource source, RangeKernel kernel, PositionRange position, ScalarOperator[] parameters)
        : base(source.Grid)
    {
        _source = source;
        _kernel = kernel;
        _position = position;
        _parameters = parameters;
    }

    public override int Count => _source.Count;

    public override bool NamesUniform => _source.NamesUniform;

    public override async ValueTask OpenAsync(QueryContext context)
    {
        _context = context;
        foreach (var parameter in _parameters)
        {
            await parameter.OpenAsync(context);
        }

        _source.StopOn(context.CancellationToken);
        await _source.OpenAsync(context);
    }

    public override SeriesLabels RawLabelsAt(int index) => _source.RawLabelsAt(index);

    public override bool DropNameAt(int index) => !_kernel.KeepsName || _source.DropNameAt(index);

    public override void Evaluate(int index, StepColumn column, Worker worker)
    {
        var buffer = worker.RentBuffer();
        _source.Read(index, buffer, worker);
        column.Clear();
        var input = new RangeInput
        {
            Context = _context!,
            Source = _source,
            Position = _position,
            Samples = buffer,
            Series = index,
            Worker = worker,
        };
        _context!.Budget.CountQueryable(_kernel.Evaluate(input, column));
        worker.Return(buffer);
    }

    public override void Dispose()
    {
        _source.Dispose();
        foreach (var parameter in _parameters)
        {
            parameter.Dispose();
        }
    }
}
