
namespace Deucalion.PromQL.Operators.Transforms;

/// <summary>Changes the points of each series on its own; the series stay, their names go unless said otherwise.</summary>
internal abstract class MapOperator : VectorOperator
{
    private readonly ScalarOperator[] _parameters;
    private readonly bool _keepsName;

    protected MapOperator(VectorOperator inner, bool keepsName, params ScalarOperator[] parameters)
        : base(inner.Grid)
    {
        Inner = inner;
        _keepsName = keepsName;
        _parameters = parameters;
    }

    public override int Count => Inner.Count;

    public override bool NamesUniform => Inner.NamesUniform;

    protected VectorOperator Inner { get; }

    protected QueryContext? Context { get; private set; }

    public override bool Reports => Inner.Reports;

    public override async ValueTask OpenAsync(QueryContext context)
    {
        Context = context;
        foreach (var parameter in _parameters)
        {
            await parameter.OpenAsync(context);
        }

        await Inner.OpenAsync(context);
    }

    public override SeriesLabels RawLabelsAt(int index) => Inner.RawLabelsAt(index);

    public override bool DropNameAt(int index) => !_keepsName || Inner.DropNameAt(index);

    public override void Evaluate(int index, StepColumn column, Worker worker)
    {
        Inner.Evaluate(index, column, worker);
        Transform(index, column);
    }

    public override void Dispose()
    {
        Inner.Dispose();
        foreach (var parameter in _parameters)
        {
            parameter.Dispose();
        }
    }

    protected abstract void Transform(int index, StepColumn column);
}
