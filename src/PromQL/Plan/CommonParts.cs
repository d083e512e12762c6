using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.Operators;
using Deucalion.PromQL.Printer;

namespace Deucalion.PromQL.Plan;

/// <summary>
/// Finds the parts of a query that stand in it several times, evaluated at the same steps. A first planning counts them; in the second all
/// places of a part but the last refer to that one, whose notes then point where those of an evaluation in order would.
/// </summary>
internal sealed class CommonParts(EngineOptions options)
{
    private readonly Dictionary<string, Part> _parts = new(StringComparer.Ordinal);
    private readonly Stack<Part> _open = new();
    private int _shared;

    /// <summary>Whether parts are being counted.</summary>
    public bool IsCounting { get; private set; } = true;

    /// <summary>Ends the counting.</summary>
    public void Counted() => IsCounting = false;

    /// <summary>Begins a part; null where it cannot be shared. What it holds lies between this and <see cref="Leave"/>.</summary>
    public Part? Enter(Expr expr, StepGrid grid, bool totalsOnly, bool needsBuckets)
    {
        if (CountsPlaces(expr))
        {
            return null;
        }

        var key = $"{grid.Start} {grid.Step} {grid.Count} {totalsOnly} {needsBuckets} {ExprPrinter.Print(expr)}";
        if (!_parts.TryGetValue(key, out var part))
        {
            _parts.Add(key, part = new Part());
        }

        if (IsCounting)
        {
            part.Places++;
            foreach (var around in _open)
            {
                around.Within.Add(part);
            }
        }
        else
        {
            part.Seen++;
        }

        _open.Push(part);
        return part;
    }

    public void Leave(Part? part)
    {
        if (part is not null)
        {
            _open.Pop();
        }
    }

    /// <summary>Whether a place refers to a later one, which then is all there is of it.</summary>
    public SharedPart? Refer(Part part)
    {
        if (IsCounting || part.Seen >= part.Places)
        {
            return null;
        }

        // A part that stood within the first counting of this one is not planned for this place. All places were counted alike.
        var inOnePlace = part.Within.Count / part.PlacesCounted;
        for (var i = 0; i < inOnePlace; i++)
        {
            part.Within[i].Places--;
        }

        part.Shared ??= new SharedPart(++_shared);
        part.Shared.Uses++;
        return part.Shared;
    }

    /// <summary>Gives the last place of a part what computes it; the operator to use there.</summary>
    public static VectorOperator Share(Part? part, VectorOperator planned)
    {
        if (part?.Shared is not { Inner: null } shared)
        {
            return planned;
        }

        shared.Uses++;
        shared.Inner = planned;
        return new SharedVector(shared, planned.Grid);
    }

    // These tell in how many places something happened.
    private bool CountsPlaces(Expr expr) => expr switch
    {
        ParenExpr e => CountsPlaces(e.Inner),
        UnaryExpr e => CountsPlaces(e.Inner),
        BinaryExpr e => CountsPlaces(e.Left) || CountsPlaces(e.Right),
        AggregateExpr e => CountsPlaces(e.Inner) || (e.Parameter is not null && CountsPlaces(e.Parameter)),
        SubqueryExpr e => CountsPlaces(e.Inner),
        CallExpr { Function.Name: "histogram_quantile" or "histogram_quantiles" } => true,
        CallExpr { Function.Name: "rate" or "increase" or "irate" or "resets" } when options.UseStartTimestamps => true,
        CallExpr e => e.Arguments.Any(CountsPlaces),
        _ => false,
    };

    /// <summary>One text at one grid.</summary>
    internal sealed class Part
    {
        private int _places;

        /// <summary>Places left to plan.</summary>
        public int Places
        {
            get => _places;
            set
            {
                PlacesCounted += value > _places ? 1 : 0;
                _places = value;
            }
        }

        public int PlacesCounted { get; private set; }

        public int Seen { get; set; }

        public List<Part> Within { get; } = [];

        public SharedPart? Shared { get; set; }
    }
}
