using Deucalion.Common.Labels;

namespace Deucalion.PromQL.Operators.Transforms;

/// <summary>Changes the points of each series on its own; the series stay, their names go unless said otherwise.</summary>
internal abstract class MapOperator : VectorOperator
{
    private readonly VectorOperator _inner;
    private readonly ScalarOperator[] _parameters;
    private readonly bool _keepsName;

    protected MapOperator(VectorOperator inner, bool keepsName, params ScalarOperator[] parameters)
        : base(inner.Grid)
    {
        _inner = inner;
        _keepsName = keepsName;
        _parameters = parameters;
    }

    public override int Count => _inner.Count;

    public override bool NamesUniform => _inner.NamesUniform;

    protected QueryContext? Context { get; private set; }

    public override bool Reports => _inner.Reports;

    public override async ValueTask OpenAsync(QueryContext context)
    {
        Context = context;
        foreach (var parameter in _parameters)
        {
            await parameter.OpenAsync(context);
        }

        await _inner.OpenAsync(context);
    }

    public override Labels RawLabelsAt(int index) => _inner.RawLabelsAt(index);

    public override bool DropNameAt(int index) => !_keepsName || _inner.DropNameAt(index);

    public override void Evaluate(int index, StepColumn column, Worker worker)
    {
        _inner.Evaluate(index, column, worker);
        Transform(index, column);
    }

    public override void Dispose()
    {
        _inner.Dispose();
        foreach (var parameter in _parameters)
        {
            parameter.Dispose();
        }
    }

    protected abstract void Transform(int index, StepColumn column);
}
