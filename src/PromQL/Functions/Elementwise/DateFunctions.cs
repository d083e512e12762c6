namespace Deucalion.PromQL.Functions.Elementwise;

/// <summary>
/// Parts of a date in UTC as Go computes them, its wrap-around for times beyond all calendars included: NaN and what does not fit an
/// integer become the smallest one, whose year is positive.
/// </summary>
internal static class DateFunctions
{
    private const ulong SecondsPerDay = 86_400;

    /// <summary>Go counts from 1 March of this many years before the year 0, a multiple of 400.</summary>
    private const long YearsBefore = 292_277_022_400;

    /// <summary>Seconds from that day to 1970.</summary>
    private const long SecondsTo1970 = 9_223_372_028_741_760_000;

    /// <summary>Days from 1 March to 1 January: years begin in March so that leap days come last.</summary>
    private const int MarchToDecember = 306;

    private const ulong DaysInCentury = 146_097;

    /// <summary>Day since Go's first one and the second of that day.</summary>
    public static (ulong Day, int Second) Split(double seconds)
    {
        var whole = seconds is >= -9.2233720368547758e18 and < 9.2233720368547758e18 ? (long)seconds : long.MinValue;
        var absolute = unchecked((ulong)whole + SecondsTo1970);
        return (absolute / SecondsPerDay, (int)(absolute % SecondsPerDay));
    }

    /// <summary>Year, month from 1, day of the month from 1 and day of the year from 1 of a time in seconds.</summary>
    public static (long Year, int Month, int Day, int DayOfYear) Civil(double seconds)
    {
        var quarters = (4 * Split(seconds).Day) + 3;
        var century = quarters / DaysInCentury;
        var inCentury = (uint)(quarters % DaysInCentury) | 3;
        var yearOfCentury = (int)(inCentury / 1461);
        var day = (int)(inCentury % 1461 / 4);
        var nextYear = day >= MarchToDecember ? 1 : 0;
        var year = unchecked((long)(century * 100) - YearsBefore) + yearOfCentury + nextYear;
        var leap = yearOfCentury % 4 == 0 && (yearOfCentury != 0 || century % 4 == 0) ? 1 : 0;
        var scaled = (5 * day) + 461;
        var dayOfYear = nextYear == 1 ? day - MarchToDecember + 1 : day + 60 + leap;
        return (year, (scaled / 153) - (12 * nextYear), (scaled % 153 / 5) + 1, dayOfYear);
    }

    public static int DaysInMonth(long year, int month) => month switch
    {
        2 => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };
}

/// <summary>minute</summary>
internal readonly struct Minute : IFloatFunction
{
    public static double Apply(double value) => DateFunctions.Split(value).Second / 60 % 60;
}

/// <summary>hour</summary>
internal readonly struct Hour : IFloatFunction
{
    public static double Apply(double value) => DateFunctions.Split(value).Second / 3600;
}

/// <summary>day_of_week, Sunday 0</summary>
internal readonly struct DayOfWeek : IFloatFunction
{
    // The first day is a Wednesday.
    public static double Apply(double value) => (DateFunctions.Split(value).Day + 3) % 7;
}

/// <summary>day_of_month from 1</summary>
internal readonly struct DayOfMonth : IFloatFunction
{
    public static double Apply(double value) => DateFunctions.Civil(value).Day;
}

/// <summary>day_of_year from 1</summary>
internal readonly struct DayOfYear : IFloatFunction
{
    public static double Apply(double value) => DateFunctions.Civil(value).DayOfYear;
}

/// <summary>days_in_month</summary>
internal readonly struct DaysInMonth : IFloatFunction
{
    public static double Apply(double value)
    {
        var (year, month, _, _) = DateFunctions.Civil(value);
        return DateFunctions.DaysInMonth(year, month);
    }
}

/// <summary>month from 1</summary>
internal readonly struct Month : IFloatFunction
{
    public static double Apply(double value) => DateFunctions.Civil(value).Month;
}

/// <summary>year</summary>
internal readonly struct Year : IFloatFunction
{
    public static double Apply(double value) => DateFunctions.Civil(value).Year;
}
