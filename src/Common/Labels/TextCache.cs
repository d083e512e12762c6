namespace Deucalion.Common.Labels;

/// <summary>
/// Strings of numbered texts, as far as they have been made. One thread adds numbers; then many make strings: of two made at a time either stays.
/// </summary>
internal sealed class TextCache
{
    private const int PageShift = 4;
    private const int PageLength = 1 << PageShift;

    // A page is there once one of its strings is: of most texts of a large selection none is ever made.
    private string?[]?[] _pages = [];

    /// <summary>Makes room for a number, which may have a string already.</summary>
    public void Add(int number, string? known)
    {
        if (number >> PageShift >= _pages.Length)
        {
            Array.Resize(ref _pages, Math.Max(4, 2 * _pages.Length));
        }

        if (known is not null)
        {
            Put(number, known);
        }
    }

    /// <summary>The string of a number, or null.</summary>
    public string? Get(int number) => Volatile.Read(ref _pages[number >> PageShift])?[number & (PageLength - 1)];

    /// <summary>Keeps the string of a number.</summary>
    public void Put(int number, string text)
    {
        ref var page = ref _pages[number >> PageShift];
        if (Volatile.Read(ref page) is null)
        {
            Interlocked.CompareExchange(ref page, new string?[PageLength], null);
        }

        page![number & (PageLength - 1)] = text;
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => _pages = [];
}
