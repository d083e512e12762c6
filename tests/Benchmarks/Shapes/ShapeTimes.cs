using Deucalion.Benchmarks.Reports;

namespace Deucalion.Benchmarks.Shapes;

/// <summary>What one server took for one shape.</summary>
internal sealed class ShapeTimes
{
    public List<double> Milliseconds { get; } = [];

    /// <summary>Highest resident size while only this server worked on the shape, bytes.</summary>
    public long PeakResident { get; set; }

    public double Median => Figures.Median(Milliseconds);

    public double Best => Milliseconds.Min();
}
