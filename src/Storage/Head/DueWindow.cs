namespace Deucalion.Storage.Head;

/// <summary>A window that should be cut, with the generation that a cut would seal.</summary>
/// <param name="WindowStart">First millisecond of the window.</param>
/// <param name="Generation">Number of the generation.</param>
public readonly record struct DueWindow(long WindowStart, long Generation);
