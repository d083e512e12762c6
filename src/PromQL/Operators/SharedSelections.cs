using System.Globalization;
using System.Text;
using Deucalion.PromQL.Sources;

namespace Deucalion.PromQL.Operators;

/// <summary>Finds the series of selectors, those that ask for the same only once. Owns the sets; used by one thread.</summary>
internal sealed class SharedSelections(IQueryable source) : IDisposable
{
    private readonly Dictionary<string, (ISeriesSet Set, int Number)> _sets = new(StringComparer.Ordinal);

    /// <summary>The set, its number from 1, and whether it had been read before.</summary>
    public async ValueTask<(ISeriesSet Set, int Number, bool Shared)> SelectAsync(SelectRequest request, CancellationToken cancellationToken)
    {
        var key = KeyOf(request);
        if (_sets.TryGetValue(key, out var known))
        {
            return (known.Set, known.Number, true);
        }

        var set = await source.SelectAsync(request, cancellationToken);
        _sets.Add(key, (set, _sets.Count + 1));
        return (set, _sets.Count, false);
    }

    public void Dispose()
    {
        foreach (var (set, _) in _sets.Values)
        {
            set.Dispose();
        }
    }

    /// <summary>What makes two requests ask for the same samples; the function around is a hint, and that of the first is given.</summary>
    public static string KeyOf(SelectRequest request)
    {
        var key = new StringBuilder();
        key.Append(CultureInfo.InvariantCulture, $"{request.MinTime} {request.MaxTime} {request.Step}");
        foreach (var matcher in request.Matchers)
        {
            key.Append(' ').Append(matcher);
        }

        return key.ToString();
    }
}
