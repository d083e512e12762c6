using System.Globalization;
using System.Text;
using Deucalion.PromQL.Sources;

namespace Deucalion.PromQL.Operators;

/// <summary>Finds the series of selectors, those that ask for the same only once. Owns the sets; used by one thread.</summary>
internal sealed class SharedSelections(IQueryable source) : IDisposable
{
    private readonly Dictionary<string, ISeriesSet> _sets = new(StringComparer.Ordinal);

    public async ValueTask<ISeriesSet> SelectAsync(SelectRequest request, CancellationToken cancellationToken)
    {
        var key = KeyOf(request);
        if (!_sets.TryGetValue(key, out var set))
        {
            set = await source.SelectAsync(request, cancellationToken);
            _sets.Add(key, set);
        }

        return set;
    }

    public void Dispose()
    {
        foreach (var set in _sets.Values)
        {
            set.Dispose();
        }
    }

    private static string KeyOf(SelectRequest request)
    {
        var key = new StringBuilder();
        key.Append(CultureInfo.InvariantCulture, $"{request.MinTime} {request.MaxTime} {request.Step} {request.Range} {request.Function}");
        foreach (var matcher in request.Matchers)
        {
            key.Append(' ').Append(matcher);
        }

        return key.ToString();
    }
}
