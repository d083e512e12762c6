using System.Text;

namespace Deucalion.Storage.Tools.Prometheus;

/// <summary>Strings of labels, each once. Not thread-safe.</summary>
internal sealed class WalStrings
{
    private readonly HashSet<string> _strings = [];
    private char[] _text = new char[256];

    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (_text.Length < utf8.Length)
        {
            _text = new char[utf8.Length];
        }

        var text = _text.AsSpan(0, Encoding.UTF8.GetChars(utf8, _text));
        var lookup = _strings.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!lookup.TryGetValue(text, out var found))
        {
            found = text.ToString();
            _strings.Add(found);
        }

        return found;
    }
}
